"""The stand-in Salesforce, held against what is known of the real one."""
