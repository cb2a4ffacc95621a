"""The whole system on one machine: a private PostgreSQL, a private RabbitMQ and every process."""
