"""What every measurement uses: its own state folder and database, processes, a stopwatch, the table."""
