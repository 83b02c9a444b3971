"""What others reach over HTTP: the door for what CRMs tell by themselves."""
