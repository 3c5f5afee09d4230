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
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
"""
