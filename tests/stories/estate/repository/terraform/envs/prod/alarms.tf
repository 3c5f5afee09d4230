resource "aws_cloudwatch_metric_alarm" "openai_errors" {
  alarm_name          = "openai-errors"
  namespace           = "Lindenhof/OpenAI"
  metric_name         = "Errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  period              = 300
  statistic           = "Sum"
  threshold           = 5
}
