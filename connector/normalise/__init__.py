"""Raw CRM record and mapping in, record or rejection out."""
