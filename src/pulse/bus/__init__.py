"""The event log and the work queue.

Owns: `bus.events` (append-only log), `bus.applied` (what each subscription has done), `bus.work` and
`bus.dead_letters` (the queue), `bus.idempotency` (answers to POSTs that carried a key).
Never: delivers without recording, waits on the network inside a transaction.

An event and the work rows of its subscribers commit with the change that caused them, or not at all. A relay to
RabbitMQ or Kafka would take the place of one function: `Bus._hand_out`.
"""
