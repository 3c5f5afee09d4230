cluster_arn = "arn:aws:ecs:us-east-1:111111111111:cluster/clinical-dev"
