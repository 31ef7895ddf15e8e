"""`segue bench sms`, `outreach` and `import`: what conversations by text cost."""
