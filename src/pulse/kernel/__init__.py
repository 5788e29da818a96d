"""Words everybody uses: ids, clock, tenant, errors. Pure, no I/O, imports no other room."""
