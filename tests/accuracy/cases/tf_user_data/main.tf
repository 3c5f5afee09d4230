resource "aws_instance" "worker" {
  ami       = "ami-1"
  user_data = <<-EOT
    #!/bin/bash
    export STAGE=prod
    export OPENAI_BASE_URL=https://api.openai.com/v1
    echo "OPENAI_API_KEY=$(aws ssm get-parameter --name /worker/key)" >> /etc/worker.env
    # export OPENAI_ORG_ID=org-old
    systemctl start worker
  EOT
  tags = { hipaa_scope = "in-scope" }
}

resource "aws_launch_template" "cloud_init" {
  name      = "cloud-init"
  user_data = base64encode(<<-EOT
    #cloud-config
    write_files:
      - path: /etc/assistant.env
        content: |
          OPENAI_API_KEY_SECRET_NAME=assistant/llm
          OPENAI_MODEL=gpt-4o
    runcmd:
      - systemctl start assistant
  EOT
  )
}

resource "azurerm_linux_virtual_machine" "templated" {
  name        = "templated"
  custom_data = base64encode(templatefile("${path.module}/init.sh.tftpl", { host = "https://clinic.openai.azure.com" }))
}

resource "google_compute_instance" "startup" {
  name                    = "startup"
  metadata_startup_script = "docker run -e OPENAI_API_KEY=$KEY registry.example/app:1"
}
