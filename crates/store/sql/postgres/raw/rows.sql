-- The rows of tasks that went through, in every table that they pass, without any logic of ours:
-- what a benchmark compares with. $3: invoices of each task, $4: its tax number's and lane's id.
WITH i AS (
    SELECT *
      FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) u(task_id, body, invoices, id)),
log AS (
    INSERT INTO task_log (task_id, kind, class, tax_no, tax_id, bureau, account, channel, state,
                          shown_state, invoices_total, invoices_succeeded, enqueued_at, started_at,
                          finished_at, settled_fence, events, body_hash)
    SELECT i.task_id, 'deduction_select', 'selection', '91440300MB00000000', i.id, '440300',
           '13900000000', 'etax', 'done', '处理成功', i.invoices, i.invoices, clock_timestamp(),
           clock_timestamp(), clock_timestamp(), 1, 1, decode(repeat('ab', 32), 'hex')
      FROM i),
body AS (
    INSERT INTO task_body (task_id, body) SELECT i.task_id, i.body FROM i),
waits AS (
    INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since)
    SELECT i.task_id, i.id, i.id, 1, nextval('place'), clock_timestamp() FROM i),
runs AS (
    INSERT INTO running (task_id, tax_id, lane_id, class, place, fence, worker)
    SELECT i.task_id, i.id, i.id, 1, 1, nextval('fence'), 1 FROM i),
sent AS (
    INSERT INTO submission (task_id, act, fence, proof, value, at)
    SELECT i.task_id, 'submit', 1, 'receipt', 'receipt', clock_timestamp() FROM i),
holds AS (
    INSERT INTO invoice_hold (tax_id, number, code, task_id)
    SELECT i.id, '2444' || lpad(n::text, 16, '0'), '', i.task_id
      FROM i CROSS JOIN LATERAL generate_series(1, i.invoices) n),
lines AS (
    INSERT INTO ledger (task_id, invoice_no, invoice_code, action, outcome, reason, at)
    SELECT i.task_id, '2444' || lpad(n::text, 16, '0'), '', 'select', 'succeeded', '',
           clock_timestamp()
      FROM i CROSS JOIN LATERAL generate_series(1, i.invoices) n)
INSERT INTO outbox (task_id, sequence, kind, bureau, at, data, retriable, reason)
SELECT i.task_id, 1, 'succeeded', '440300', clock_timestamp(), i.body, false, '' FROM i
