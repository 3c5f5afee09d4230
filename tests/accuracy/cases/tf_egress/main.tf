resource "aws_networkfirewall_rule_group" "list" {
  name     = "list"
  type     = "STATEFUL"
  capacity = 10
  rule_group {
    rules_source {
      rules_source_list {
        generated_rules_type = "ALLOWLIST"
        target_types         = ["TLS_SNI"]
        targets = [
          "api.openai.com",
          ".openai.azure.com",
          ".amazonaws.com",
        ]
      }
    }
  }
}

resource "aws_networkfirewall_rule_group" "denied" {
  name     = "denied"
  type     = "STATEFUL"
  capacity = 10
  rule_group {
    rules_source {
      rules_source_list {
        generated_rules_type = "DENYLIST"
        target_types         = ["TLS_SNI"]
        targets              = ["api.openai.com"]
      }
    }
  }
}

resource "aws_networkfirewall_rule_group" "suricata" {
  name     = "suricata"
  type     = "STATEFUL"
  capacity = 10
  rule_group {
    rules_source {
      rules_string = <<-EOT
        pass tls any any -> any any (tls.sni; content:"api.openai.com"; endswith; sid:1;)
        drop tls any any -> any any (tls.sni; content:"chatgpt.com"; endswith; sid:2;)
      EOT
    }
  }
}

resource "aws_route53_resolver_firewall_domain_list" "allow" {
  name    = "allow"
  domains = ["api.openai.com.", "*.amazonaws.com."]
}

resource "azurerm_firewall_application_rule_collection" "classic" {
  name   = "classic"
  action = "Allow"
  rule {
    name         = "llm"
    target_fqdns = ["clinic.openai.azure.com"]
  }
}

resource "azurerm_firewall_policy_rule_collection_group" "policy" {
  name = "policy"
  application_rule_collection {
    name   = "llm"
    action = "Allow"
    rule {
      name              = "api"
      destination_fqdns = ["api.openai.com"]
    }
    rule {
      name             = "paths"
      destination_urls = ["api.openai.com/v1/responses"]
    }
  }
  application_rule_collection {
    name   = "denied"
    action = "Deny"
    rule {
      name              = "chat"
      destination_fqdns = ["chatgpt.com"]
    }
  }
}

resource "google_compute_firewall_policy_rule" "llm" {
  action    = "allow"
  direction = "EGRESS"
  match {
    dest_fqdns = ["api.openai.com"]
  }
}

resource "google_compute_network_firewall_policy_rule" "denied" {
  action    = "deny"
  direction = "EGRESS"
  match {
    dest_fqdns = ["api.openai.com"]
  }
}

resource "azurerm_cognitive_account" "speech" {
  name  = "speech"
  kind  = "SpeechServices"
  fqdns = ["clinic.openai.azure.com"]
}

resource "aws_security_group" "open" {
  name        = "openai-egress"
  description = "to api.openai.com"
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
