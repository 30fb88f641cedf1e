#!/bin/sh
# Imports the certificate into AWS Certificate Manager, over the one it replaces, so that load balancers take it by
# themselves. Needs credentials for the AWS CLI with acm:ImportCertificate, and in its environment:
#   ACM_ARN  of the certificate to replace; empty: a new one, whose ARN is printed
set -eu
aws acm import-certificate ${ACM_ARN:+--certificate-arn "$ACM_ARN"} \
  --certificate "fileb://$ACME_CERTIFICATE" \
  --certificate-chain "fileb://$ACME_CHAIN" \
  --private-key "fileb://$ACME_PRIVATE_KEY" \
  --query CertificateArn --output text
