cluster_arn = "arn:aws:ecs:us-east-1:333333333333:cluster/clinical-prod"
