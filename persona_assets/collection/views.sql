-- DuckDB views over all keys of this workspace. In Python: persona_assets.open(workspace).sql. In DuckDB:
--     .read /path/to/persona_views.sql
-- The path of the workspace is absolute, so this file can be read from any folder. If the workspace has been moved
-- since, say first where it is now:
--     SET VARIABLE persona_workspace = '/where/it/is/now';
-- The files of the workspace are listed when this file is read: read it again after a run.

SET VARIABLE persona_workspace = coalesce(getvariable('persona_workspace'), $workspace);

-- The text as a pattern that matches nothing else.
CREATE OR REPLACE TEMP MACRO persona_literally(path) AS regexp_replace(path, '([*?\[])', '[\1]', 'g');
CREATE OR REPLACE TEMP MACRO persona_files(pattern) AS TABLE
    SELECT file, persona_literally(file) AS literally
    FROM glob(persona_literally(getvariable('persona_workspace')) || '/' || pattern);
CREATE OR REPLACE TEMP MACRO persona_parts(file) AS
    string_split(regexp_extract(file, '([^/]+)\.[a-z]+$$', 1), '$separator');
CREATE OR REPLACE TEMP MACRO persona_dataset(file) AS
    array_to_string(persona_parts(file)[:3], '$separator');
CREATE OR REPLACE TEMP MACRO persona_variant(file) AS
    array_to_string(persona_parts(file)[4:], '$separator');

SET VARIABLE persona_row_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$datasets/*.parquet')
    WHERE len(persona_parts(file)) = 3);
SET VARIABLE persona_variant_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$datasets/*.parquet')
    WHERE len(persona_parts(file)) > 3);
SET VARIABLE persona_token_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$counts/*.parquet'));
SET VARIABLE persona_sign_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$signs/*.parquet'));
SET VARIABLE persona_pair_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$pairs/*.parquet'));
SET VARIABLE persona_quarantine_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$quarantine/*.jsonl'));
SET VARIABLE persona_standing_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$standings/*.json'));
SET VARIABLE persona_statistics_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$statistics'));
SET VARIABLE persona_catalogue_files = (
    SELECT list(literally ORDER BY file) FROM persona_files('$catalogue'));
RESET VARIABLE persona_workspace;

-- Every row of every dataset, once. role and trait are null where the dataset is of the other kind.
CREATE OR REPLACE TEMP VIEW rows AS
SELECT persona_dataset(filename) AS dataset, model, persona_parts(filename)[2] AS kind,
    persona_parts(filename)[3] AS persona, * EXCLUDE (filename, model)
FROM query(if(len(getvariable('persona_row_files')) > 0,
    'FROM read_parquet(getvariable(''persona_row_files''), union_by_name = true, filename = true)',
    'SELECT NULL::VARCHAR AS filename, NULL::VARCHAR AS model, NULL::VARCHAR AS role, NULL::VARCHAR AS trait,
        NULL::VARCHAR AS system_prompt, NULL::VARCHAR AS question,
        NULL::STRUCT(role VARCHAR, content VARCHAR)[] AS messages, NULL::BIGINT AS prompt_index,
        NULL::BIGINT AS question_index, NULL::VARCHAR AS label, NULL::BIGINT AS extract_score,
        NULL::VARCHAR AS score_status
    WHERE false'));

-- Every row once for each variant of its dataset that it is in: the rows above, chosen by the rule of the variant.
CREATE OR REPLACE TEMP VIEW variants AS
WITH made AS (
    SELECT persona_dataset(file) AS dataset, persona_variant(file) AS variant
    FROM (SELECT unnest(getvariable('persona_variant_files')::VARCHAR[]) AS file)
)
SELECT dataset || '$separator' || variant AS variant_dataset, variant, CASE variant
$names
    END::VARCHAR AS rule, rows.*
FROM rows JOIN made USING (dataset)
WHERE CASE variant
$rules
    ELSE error('variant ' || variant || ' was made after persona_views.sql; materialise persona_catalogue again')
    END;

-- The tokens of every row.
CREATE OR REPLACE TEMP VIEW tokens AS
SELECT persona_dataset(filename) AS dataset, persona_parts(filename)[1] AS model,
    persona_parts(filename)[2] AS kind, persona_parts(filename)[3] AS persona, * EXCLUDE (filename)
FROM query(if(len(getvariable('persona_token_files')) > 0,
    'FROM read_parquet(getvariable(''persona_token_files''), union_by_name = true, filename = true)',
    'SELECT NULL::VARCHAR AS filename, $no_counts WHERE false'));

-- What every conversation says of itself.
CREATE OR REPLACE TEMP VIEW signs AS
SELECT persona_dataset(filename) AS dataset, persona_parts(filename)[1] AS model,
    persona_parts(filename)[2] AS kind, persona_parts(filename)[3] AS persona, * EXCLUDE (filename)
FROM query(if(len(getvariable('persona_sign_files')) > 0,
    'FROM read_parquet(getvariable(''persona_sign_files''), union_by_name = true, filename = true)',
    'SELECT NULL::VARCHAR AS filename, $no_signs WHERE false'));

-- Every contrastive pair, whatever its scores.
CREATE OR REPLACE TEMP VIEW pairs AS
FROM query(if(len(getvariable('persona_pair_files')) > 0,
    'FROM read_parquet(getvariable(''persona_pair_files''))',
    'SELECT $no_pairs WHERE false'));

-- The statistics of every dataset, variant and group.
CREATE OR REPLACE TEMP VIEW statistics AS
FROM query(if(len(getvariable('persona_statistics_files')) > 0,
    'FROM read_parquet(getvariable(''persona_statistics_files''))',
    'SELECT $no_statistics WHERE false'));

-- Every raw line that did not become a row.
CREATE OR REPLACE TEMP VIEW quarantined AS
SELECT persona_dataset(filename) AS dataset, persona_parts(filename)[1] AS model,
    persona_parts(filename)[2] AS kind, persona_parts(filename)[3] AS persona, * EXCLUDE (filename)
FROM query(if(len(getvariable('persona_quarantine_files')) > 0,
    'FROM read_json(getvariable(''persona_quarantine_files''), format = ''newline_delimited'', filename = true,
        columns = {line: ''BIGINT'', byte_offset: ''BIGINT'', size_bytes: ''BIGINT'', reason: ''VARCHAR'',
            detail: ''VARCHAR'', excerpt: ''VARCHAR'', file: ''VARCHAR''})',
    'SELECT NULL::VARCHAR AS filename, NULL::BIGINT AS line, NULL::BIGINT AS byte_offset,
        NULL::BIGINT AS size_bytes, NULL::VARCHAR AS reason, NULL::VARCHAR AS detail, NULL::VARCHAR AS excerpt,
        NULL::VARCHAR AS file
    WHERE false'));

-- The last outcome of every asset check of every key.
CREATE OR REPLACE TEMP VIEW checks AS
SELECT persona_dataset(filename) AS dataset, persona_parts(filename)[1] AS model,
    persona_parts(filename)[2] AS kind, persona_parts(filename)[3] AS persona,
    entry.value.stage AS asset, entry.key AS "check", entry.value.passed AS passed, entry.value.facts AS facts
FROM (
    SELECT filename, unnest(map_entries(checks)) AS entry
    FROM query(if(len(getvariable('persona_standing_files')) > 0,
        'FROM read_json(getvariable(''persona_standing_files''), format = ''unstructured'', filename = true,
            columns = {checks: ''MAP(VARCHAR, STRUCT(stage VARCHAR, passed BOOLEAN, facts JSON))''})',
        'SELECT NULL::VARCHAR AS filename,
            NULL::MAP(VARCHAR, STRUCT(stage VARCHAR, passed BOOLEAN, facts JSON)) AS checks
        WHERE false'))
);

-- The state of every key, and why.
CREATE OR REPLACE TEMP VIEW keys AS
SELECT entry.key AS dataset, string_split(entry.key, '$separator')[1] AS model,
    string_split(entry.key, '$separator')[2] AS kind, string_split(entry.key, '$separator')[3] AS persona,
    entry.value.state AS state, entry.value.reason AS reason
FROM (
    SELECT unnest(map_entries(keys)) AS entry
    FROM query(if(len(getvariable('persona_catalogue_files')) > 0,
        'FROM read_json(getvariable(''persona_catalogue_files''), format = ''unstructured'',
            maximum_object_size = 67108864,
            columns = {keys: ''MAP(VARCHAR, STRUCT(state VARCHAR, reason VARCHAR))''})',
        'SELECT NULL::MAP(VARCHAR, STRUCT(state VARCHAR, reason VARCHAR)) AS keys WHERE false'))
);
