"""A workload with PHI and the files that declare it: what tests add to, and nothing reports by itself."""

WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic, labels: {data-classification: phi}}
spec:
  template:
    metadata: {labels: {app: notes}}
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env:
            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}}
"""
COMPLIANCE = """version: 1
workloads:
  - {match: Deployment.clinic.notes, data: phi, project: proj_clinic, endpoints: [/v1/responses], features: []}
"""
POLICY = """version: 1
projects:
  - {id: proj_clinic, organization: org-clinic, retention: zero_data_retention}
credentials:
  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
"""
DELEGATED = POLICY.replace(
    'credentials:\n  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}\n', ""
).replace("zero_data_retention}", 'zero_data_retention, delegated_to: ["**"]}')
"""The same, where the team may say whose key it is."""
COVERED = """version: 1
projects:
  - {id: proj_clinic, organization: org-clinic, endpoints: [/v1/responses], features: []}
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}
credentials:
  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}
limits: {approvers: [compliance@clinic.example]}
"""
"""A policy that covers the workload by itself."""
