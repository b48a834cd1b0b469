"""Words to people: texts rendered, messages delivered. Knows nothing of stages, the database or Prefect."""
