"""Every row of the doors: what it catches, what it leaves alone, and what may lie between it and a workload."""

from __future__ import annotations

from typing import Any

import pytest

from handmade import made
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.observing.cloud_ingress import FrontDoors, door_of
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource, Unknown

DATA = load_yaml(schema_root() / "signatures" / "transport.yaml")
OLD_POLICY, NEW_POLICY = "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-2-2021-06"
DIST, CFN = "Properties.DistributionConfig.", "Properties."
GATEWAY = "properties.customProperties.Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
# type, setting, a value that is not well protected, one that is
ROWS = [
    ("aws_api_gateway_domain_name", "security_policy", "TLS_1_0", "TLS_1_2"),
    ("aws_apigatewayv2_domain_name", "domain_name_configuration.security_policy", "TLS_1_0", "TLS_1_2"),
    ("aws_lb_listener", "ssl_policy", OLD_POLICY, NEW_POLICY),
    ("aws_alb_listener", "ssl_policy", "ELBSecurityPolicy-FS-1-1-2019-08", "ELBSecurityPolicy-FS-1-2-2019-08"),
    ("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-TLS-1-2-2017-01"),
    ("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-TLS13-1-0-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06"),
    ("aws_lb_listener", "ssl_policy", "ELBSecurityPolicy-FS-2018-06", "ELBSecurityPolicy-FS-1-2-Res-2020-10"),
    ("aws_lb_listener", "protocol", "HTTP", "TCP"),
    ("aws_cloudfront_distribution", "viewer_certificate.minimum_protocol_version", "TLSv1.1_2016", "TLSv1.2_2021"),
    ("aws_cloudfront_distribution", "default_cache_behavior.viewer_protocol_policy", "allow-all", "redirect-to-https"),
    ("aws_cloudfront_distribution", "ordered_cache_behavior.viewer_protocol_policy", "allow-all", "https-only"),
    ("aws_cloudfront_distribution", "origin.custom_origin_config.origin_protocol_policy", "http-only", "match-viewer"),
    ("aws_cloudfront_distribution", "origin.custom_origin_config.origin_ssl_protocols", "TLSv1.1", "TLSv1.2"),
    ("aws_opensearch_domain", "domain_endpoint_options.tls_security_policy", "Policy-Min-TLS-1-0-2019-07", "Policy-Min-TLS-1-2-2019-07"),
    ("aws_elasticsearch_domain", "domain_endpoint_options.enforce_https", False, True),
    ("aws_msk_cluster", "encryption_info.encryption_in_transit.client_broker", "TLS_PLAINTEXT", "TLS"),
    ("aws_elasticache_replication_group", "transit_encryption_enabled", False, True),
    ("AWS::ApiGateway::DomainName", CFN + "SecurityPolicy", "TLS_1_0", "TLS_1_2"),
    ("AWS::Serverless::Api", CFN + "Domain.SecurityPolicy", "TLS_1_0", "TLS_1_2"),
    ("AWS::Serverless::HttpApi", CFN + "Domain.SecurityPolicy", "TLS_1_0", "TLS_1_2"),
    ("AWS::ApiGatewayV2::DomainName", CFN + "DomainNameConfigurations.SecurityPolicy", "TLS_1_0", "TLS_1_2"),
    ("AWS::ElasticLoadBalancingV2::Listener", CFN + "SslPolicy", OLD_POLICY, NEW_POLICY),
    ("AWS::ElasticLoadBalancingV2::Listener", CFN + "Protocol", "HTTP", "TCP"),
    ("AWS::CloudFront::Distribution", DIST + "ViewerCertificate.MinimumProtocolVersion", "TLSv1", "TLSv1.2_2019"),
    ("AWS::CloudFront::Distribution", DIST + "DefaultCacheBehavior.ViewerProtocolPolicy", "allow-all", "https-only"),
    ("AWS::CloudFront::Distribution", DIST + "CacheBehaviors.ViewerProtocolPolicy", "allow-all", "https-only"),
    ("AWS::CloudFront::Distribution", DIST + "Origins.CustomOriginConfig.OriginProtocolPolicy", "http-only", "https-only"),
    ("AWS::CloudFront::Distribution", DIST + "Origins.CustomOriginConfig.OriginSSLProtocols", "SSLv3", "TLSv1.2"),
    ("AWS::OpenSearchService::Domain", CFN + "DomainEndpointOptions.TLSSecurityPolicy", "Policy-Min-TLS-1-0-2019-07", "Policy-Min-TLS-1-2-2019-07"),
    ("AWS::Elasticsearch::Domain", CFN + "DomainEndpointOptions.EnforceHTTPS", False, True),
    ("AWS::MSK::Cluster", CFN + "EncryptionInfo.EncryptionInTransit.ClientBroker", "PLAINTEXT", "TLS"),
    ("AWS::ElastiCache::ReplicationGroup", CFN + "TransitEncryptionEnabled", False, True),
    ("google_compute_ssl_policy", "min_tls_version", "TLS_1_1", "TLS_1_2"),
    ("google_compute_region_ssl_policy", "min_tls_version", "TLS_1_0", "TLS_1_2"),
    ("azurerm_api_management", "security.enable_backend_ssl30", True, False),
    ("azurerm_api_management", "security.frontend_tls10_enabled", True, False),
    ("Microsoft.ApiManagement/service", GATEWAY + "Protocols.Tls10", "true", "false"),
    ("Microsoft.ApiManagement/service", GATEWAY + "Backend.Protocols.Ssl30", "True", "False"),
    ("azurerm_application_gateway", "ssl_policy.min_protocol_version", "TLSv1_1", "TLSv1_2"),
    ("azurerm_application_gateway", "ssl_policy.policy_name", "AppGwSslPolicy20150501", "AppGwSslPolicy20220101"),
    ("Microsoft.Network/applicationGateways", "properties.sslPolicy.minProtocolVersion", "TLSv1_0", "TLSv1_3"),
    ("Microsoft.Network/applicationGateways", "properties.sslPolicy.policyName", "AppGwSslPolicy20170401", "AppGwSslPolicy20170401S"),
    ("azurerm_cdn_frontdoor_custom_domain", "tls.minimum_tls_version", "TLS10", "TLS12"),
    ("Microsoft.Cdn/profiles/customDomains", "properties.tlsSettings.minimumTlsVersion", "TLS10", "TLS12"),
    ("azurerm_cdn_frontdoor_route", "forwarding_protocol", "HttpOnly", "MatchRequest"),
    ("Microsoft.Cdn/profiles/afdEndpoints/routes", "properties.forwardingProtocol", "HttpOnly", "HttpsOnly"),
    ("azurerm_storage_account", "min_tls_version", "TLS1_1", "TLS1_2"),
    ("azurerm_redis_cache", "minimum_tls_version", "1.0", "1.2"),
    ("azurerm_mssql_server", "minimum_tls_version", "1.1", "1.2"),
    ("azurerm_servicebus_namespace", "minimum_tls_version", "1.0", "1.2"),
    ("azurerm_eventhub_namespace", "minimum_tls_version", "1.0", "1.2"),
    ("Microsoft.Storage/storageAccounts", "properties.minimumTlsVersion", "TLS1_0", "TLS1_2"),
    ("Microsoft.Cache/redis", "properties.minimumTlsVersion", "1.0", "1.2"),
    ("Microsoft.Sql/servers", "properties.minimalTlsVersion", "1.1", "1.2"),
    ("Microsoft.ServiceBus/namespaces", "properties.minimumTlsVersion", "1.0", "1.2"),
    ("Microsoft.EventHub/namespaces", "properties.minimumTlsVersion", "1.1", "1.2"),
    ("azurerm_storage_account", "enable_https_traffic_only", False, True),
    ("azurerm_storage_account", "https_traffic_only_enabled", False, True),
    ("Microsoft.Storage/storageAccounts", "properties.supportsHttpsTrafficOnly", False, True),
    ("azurerm_redis_cache", "non_ssl_port_enabled", True, False),
    ("azurerm_redis_cache", "enable_non_ssl_port", True, False),
    ("Microsoft.Cache/redis", "properties.enableNonSslPort", True, False),
]  # fmt: skip
# type, what else it says, whether that is not well protected
LEFT_OUT: list[tuple[str, dict[str, Any], bool]] = [
    ("aws_lb_listener", {"protocol": "HTTPS"}, True),
    ("aws_lb_listener", {"protocol": "TLS"}, True),
    ("aws_lb_listener", {"protocol": "TCP"}, False),
    ("aws_lb_listener", {"protocol": Unknown("x")}, False),
    ("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": Unknown("x")}, False),
    ("AWS::ElasticLoadBalancingV2::Listener", {CFN + "Protocol": "HTTPS"}, True),
    ("AWS::ElasticLoadBalancingV2::Listener", {CFN + "Protocol": "TCP"}, False),
    ("google_compute_ssl_policy", {"name": "p"}, True),
    ("google_compute_ssl_policy", {"name": "p", "profile": "MODERN"}, True),
    ("google_compute_ssl_policy", {"name": "p", "profile": "RESTRICTED"}, False),
    ("google_compute_ssl_policy", {"name": "p", "profile": "FIPS_202205"}, False),
    ("google_compute_ssl_policy", {"name": "p", "profile": Unknown("x")}, False),
    ("google_compute_target_https_proxy", {"name": "p"}, True),
    ("google_compute_region_target_https_proxy", {"ssl_policy": Unknown("x")}, False),
    ("google_compute_target_http_proxy", {"name": "p"}, True),
    ("google_compute_region_target_http_proxy", {"name": "p"}, True),
    ("aws_api_gateway_domain_name", {"domain_name": "x"}, False),
    ("azurerm_storage_account", {"name": "x"}, False),
]  # fmt: skip
BETWEEN = [
    "aws_lb_target_group",
    "aws_alb_target_group",
    "aws_lb_target_group_attachment",
    "aws_lb_listener_rule",
    "aws_ecs_service",
    "aws_autoscaling_group",
    "aws_autoscaling_attachment",
    "aws_lambda_function_url",
    "aws_lambda_alias",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_integration",
    "aws_api_gateway_deployment",
    "aws_api_gateway_stage",
    "aws_api_gateway_base_path_mapping",
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_stage",
    "aws_apigatewayv2_api_mapping",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ECS::Service",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::Lambda::Url",
    "AWS::Lambda::Alias",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "google_compute_backend_service",
    "google_compute_region_backend_service",
    "google_compute_url_map",
    "google_compute_region_url_map",
    "google_compute_target_https_proxy",
    "google_compute_region_network_endpoint_group",
    "google_compute_instance_group",
    "google_compute_region_instance_group_manager",
    "azurerm_api_management_api",
    "azurerm_api_management_backend",
    "azurerm_cdn_frontdoor_origin",
    "azurerm_cdn_frontdoor_origin_group",
    "azurerm_cdn_frontdoor_route",
    "azurerm_cdn_frontdoor_custom_domain_association",
    "Microsoft.ApiManagement/service/apis",
    "Microsoft.ApiManagement/service/backends",
    "Microsoft.Cdn/profiles/originGroups",
    "Microsoft.Cdn/profiles/originGroups/origins",
    "Microsoft.Cdn/profiles/afdEndpoints/routes",
    "azurerm_storage_queue",
    "azurerm_storage_container",
    "azurerm_storage_share",
    "azurerm_storage_table",
    "azurerm_servicebus_queue",
    "azurerm_servicebus_topic",
    "azurerm_eventhub",
    "azurerm_mssql_database",
    "Microsoft.Storage/storageAccounts/blobServices/containers",
    "Microsoft.Sql/servers/databases",
    "Microsoft.ServiceBus/namespaces/queues",
    "Microsoft.ServiceBus/namespaces/topics",
    "Microsoft.EventHub/namespaces/eventhubs",
]


def weak(*others: Resource, framework: str = "terraform") -> list[str]:
    app = made("app", {}, framework=framework)
    return [s.text for s in FrontDoors([app, *others]).weak(app)]


@pytest.mark.parametrize(("type_", "setting", "old", "new"), ROWS)
def test_a_row(type_: str, setting: str, old: Any, new: Any) -> None:
    more = {} if setting.lower().endswith("protocol") else {"a": 1}
    found = weak(made(type_, {**more, setting: old}, "app.r"))
    assert len(found) == 1
    assert found[0].startswith(f"{setting} at main.tf:2 ")
    assert found[0].endswith(f", at {type_}.r")
    assert weak(made(type_, {**more, setting: new}, "app.r")) == []
    assert weak(made(type_, {**more, setting: Unknown("x")}, "app.r")) == []
    assert weak(made(type_, {**more, setting: old})) == []


@pytest.mark.parametrize(("type_", "said", "old"), LEFT_OUT)
def test_what_is_left_out(type_: str, said: dict[str, Any], old: bool) -> None:
    assert len(weak(made(type_, said, "app.r"))) == old
    plan = made(type_, said, "app.r", framework="terraform_plan")
    assert weak(plan, framework="terraform_plan") == []


def test_every_row_has_an_example() -> None:
    shown = [made(t, {"a": 1, s: old}) for t, s, old, _ in ROWS]
    shown += [made(t, said) for t, said, old in LEFT_OUT if old]
    silent = [
        row
        for row in DATA["doors"]
        if not any(
            door_of(row).types.fullmatch(r.type) and door_of(row).spot(r, Place("x", 1))
            for r in shown
        )
    ]
    assert silent == []


@pytest.mark.parametrize("type_", BETWEEN)
def test_what_may_lie_between(type_: str) -> None:
    door = made("aws_api_gateway_domain_name", {"security_policy": "TLS_1_0"}, f"{type_}.r")
    assert len(list(weak(made(type_, {"ssl_policy": Unknown("x")}, "app.r"), door))) == 1
    assert weak(made("aws_vpc", {}, "app.r"), made(door.type, {"security_policy": "TLS_1_0"}, "aws_vpc.r")) == []  # fmt: skip


@pytest.mark.parametrize(
    ("listener", "balancer", "first", "setting"),
    [
        ("aws_lb_listener", "aws_lb", "aws_cloudfront_distribution", "viewer_certificate.minimum_protocol_version"),
        ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::CloudFront::Distribution", DIST + "ViewerCertificate.MinimumProtocolVersion"),
    ],
)  # fmt: skip
def test_a_cdn_before_a_load_balancer(
    listener: str, balancer: str, first: str, setting: str
) -> None:
    ours = made(listener, {"port": 1}, "app.r", f"{balancer}.r")
    cdn = made(first, {setting: "TLSv1"}, f"{balancer}.r")
    assert len(weak(ours, made(balancer, {}), cdn)) == 1
    assert weak(made(balancer, {}), cdn) == []


def test_another_listener_of_the_same_balancer_is_no_matter() -> None:
    ours = made("aws_lb_listener", {"port": 1}, "app.r", "aws_lb.r")
    other = made("aws_alb_listener", {"protocol": "HTTP"}, "aws_lb.r")
    assert weak(ours, made("aws_lb", {}), other) == []
