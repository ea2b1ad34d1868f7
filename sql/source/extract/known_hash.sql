-- The hash of a known record: whether this server hashes records as the job does, which hashes those that it reads.
-- Texts are hashed in the encoding of the database, and the job reads UTF-8. The function is of PostgreSQL 14.
select
    cast(
        hashfloat8extended(
            hash_record_extended(
                row(
                    cast('536365' as text) collate "C",
                    cast('85123A' as text) collate "C",
                    cast('WHITE HANGING HEART T-LIGHT HOLDER' as text) collate "C",
                    -6,
                    timestamp '2010-12-01 08:26:00.25',
                    cast('2.550' as text),
                    cast(null as integer),
                    cast('United Kingdom' as text) collate "C"
                ),
                0
            ),
            0
        ) as text
    ) as hash,
    current_setting('server_encoding') as encoding
