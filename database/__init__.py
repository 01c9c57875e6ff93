"""Facts of the whole database: engine flags, column types, SQL in two dialects, transactions and the SQLite write queue."""
