cluster_arn = "arn:aws:ecs:us-east-1:222222222222:cluster/clinical-stage"
