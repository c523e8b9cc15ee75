"""Keywords and functions of each dialect; functions with what they take, as a person reads it."""

from collections.abc import Mapping
from functools import cache

_STARTS = """
SELECT WITH INSERT UPDATE DELETE CREATE ALTER DROP TRUNCATE EXPLAIN BEGIN COMMIT ROLLBACK SAVEPOINT GRANT REVOKE
VALUES MERGE CALL SET
"""
_STARTS_OF = {
    "postgres": """
ANALYZE VACUUM COPY REINDEX REFRESH SHOW LISTEN NOTIFY DO COMMENT LOCK RESET DECLARE
""",
    "redshift": """
ANALYZE VACUUM COPY UNLOAD SHOW COMMENT LOCK RESET
""",
    "mysql": """
SHOW DESCRIBE USE REPLACE LOCK UNLOCK OPTIMIZE ANALYZE KILL START
""",
    "sqlite": """
PRAGMA ATTACH DETACH VACUUM ANALYZE REINDEX REPLACE
""",
    "tsql": """
EXEC USE DECLARE PRINT IF WHILE GO
""",
    "oracle": """
DECLARE LOCK COMMENT ANALYZE PURGE FLASHBACK
""",
}
_WITHIN = """
FROM WHERE GROUP_BY ORDER_BY HAVING LIMIT OFFSET JOIN LEFT_JOIN RIGHT_JOIN INNER_JOIN FULL_JOIN CROSS_JOIN ON
USING AS AND OR NOT IN IS_NULL IS_NOT_NULL BETWEEN LIKE EXISTS CASE WHEN THEN ELSE END DISTINCT ALL UNION
UNION_ALL INTERSECT EXCEPT ASC DESC NULL TRUE FALSE CAST OVER PARTITION_BY WINDOW INTO VALUES SET INTERVAL
"""
_WITHIN_OF = {
    "postgres": """
ILIKE SIMILAR_TO RETURNING LATERAL ON_CONFLICT DO_NOTHING DO_UPDATE_SET NULLS_FIRST NULLS_LAST FETCH_FIRST
FOR_UPDATE TABLESAMPLE FILTER WITHIN_GROUP MATERIALIZED RECURSIVE AT_TIME_ZONE
""",
    "redshift": """
ILIKE SIMILAR_TO NULLS_FIRST NULLS_LAST QUALIFY RECURSIVE AT_TIME_ZONE
""",
    "mysql": """
REGEXP RLIKE ON_DUPLICATE_KEY_UPDATE FOR_UPDATE STRAIGHT_JOIN RECURSIVE XOR DIV USE_INDEX FORCE_INDEX
""",
    "sqlite": """
GLOB MATCH REGEXP ON_CONFLICT DO_NOTHING DO_UPDATE_SET RETURNING RECURSIVE COLLATE NOCASE
""",
    "tsql": """
TOP CROSS_APPLY OUTER_APPLY OUTPUT FETCH_NEXT ROWS_ONLY WITH_(NOLOCK) PIVOT UNPIVOT
""",
    "oracle": """
CONNECT_BY START_WITH PRIOR ROWNUM MINUS FETCH_FIRST ROWS_ONLY RETURNING NULLS_FIRST NULLS_LAST
""",
}
_FUNCTIONS = """
count(expression) sum(expression) avg(expression) min(expression) max(expression) coalesce(value,…)
nullif(value,value) upper(text) lower(text) abs(number) round(number,digits) trim(text) replace(text,from,to)
row_number() rank() dense_rank() lag(value,rows) lead(value,rows) first_value(value) last_value(value) ntile(n)
"""
_FUNCTIONS_OF = {
    "postgres": """
now() current_date age(timestamp) date_trunc(unit,timestamp) date_part(unit,timestamp)
extract(unit_from_timestamp) to_char(value,format) to_date(text,format) to_timestamp(seconds) make_date(y,m,d)
length(text) substring(text,from,count) position(text_in_text) split_part(text,delimiter,n) concat(value,…)
concat_ws(separator,value,…) string_agg(text,delimiter) array_agg(value) unnest(array)
array_length(array,dimension) regexp_replace(text,pattern,replacement) regexp_matches(text,pattern) left(text,n)
right(text,n) lpad(text,n,fill) rpad(text,n,fill) initcap(text) ceil(number) floor(number) mod(number,number)
power(base,exponent) sqrt(number) random() greatest(value,…) least(value,…) generate_series(from,to,step)
json_agg(value) jsonb_agg(value) jsonb_build_object(key,value,…) json_build_object(key,value,…) to_json(value)
to_jsonb(value) jsonb_array_elements(jsonb) jsonb_each(jsonb) row_to_json(row) gen_random_uuid() md5(text)
encode(bytes,format) percentile_cont(fraction) bool_and(condition) bool_or(condition) every(condition)
nextval(sequence) currval(sequence) pg_size_pretty(bytes) pg_total_relation_size(table) pg_typeof(value)
version()
""",
    "mysql": """
now() curdate() curtime() date(value) year(date) month(date) day(date) date_format(date,format)
str_to_date(text,format) date_add(date,interval) date_sub(date,interval) datediff(date,date)
timestampdiff(unit,from,to) unix_timestamp(date) from_unixtime(seconds) concat(text,…)
concat_ws(separator,text,…) group_concat(expression) length(text) char_length(text) substring(text,from,count)
substring_index(text,delimiter,n) locate(text,text) left(text,n) right(text,n) lpad(text,n,fill)
rpad(text,n,fill) if(condition,then,else) ifnull(value,value) greatest(value,…) least(value,…) ceil(number)
floor(number) mod(number,number) rand() format(number,digits) json_extract(json,path) json_object(key,value,…)
json_arrayagg(value) json_unquote(json) uuid() md5(text) sha2(text,bits) inet_aton(text) last_insert_id()
database() user() version() found_rows()
""",
    "sqlite": """
date(value,modifier) time(value,modifier) datetime(value,modifier) strftime(format,value) julianday(value)
unixepoch(value) length(text) substr(text,from,count) instr(text,text) printf(format,value,…)
ifnull(value,value) iif(condition,then,else) typeof(value) group_concat(expression,separator) total(expression)
random() hex(bytes) quote(value) json(text) json_extract(json,path) json_each(json) json_object(key,value,…)
json_group_array(value) last_insert_rowid() changes() ltrim(text) rtrim(text) char(number) unicode(text)
""",
    "tsql": """
getdate() sysdatetime() dateadd(unit,n,date) datediff(unit,from,to) datepart(unit,date) format(value,format)
convert(type,value) try_cast(value_as_type) len(text) substring(text,from,count) charindex(text,text)
concat(value,…) string_agg(text,separator) isnull(value,value) iif(condition,then,else) newid() ceiling(number)
floor(number) stuff(text,from,count,text) left(text,n) right(text,n) json_value(json,path) scope_identity()
""",
    "oracle": """
sysdate systimestamp to_char(value,format) to_date(text,format) to_number(text) nvl(value,value)
nvl2(value,then,else) decode(value,search,result,…) trunc(value,unit) add_months(date,n)
months_between(date,date) last_day(date) instr(text,text) substr(text,from,count) length(text)
listagg(value,separator) regexp_replace(text,pattern,replacement) regexp_substr(text,pattern) greatest(value,…)
least(value,…) mod(n,n) ceil(number) floor(number) sys_guid() user
""",
    "redshift": """
getdate() sysdate dateadd(unit,n,date) datediff(unit,from,to) date_trunc(unit,timestamp)
date_part(unit,timestamp) to_char(value,format) to_date(text,format) nvl(value,value)
decode(value,search,result,…) listagg(value,separator) len(text) substring(text,from,count)
split_part(text,delimiter,n) regexp_replace(text,pattern,replacement) json_extract_path_text(json,key)
approximate_count(distinct) median(number) ratio_to_report(value) greatest(value,…)
""",
}
_RESERVED = """
ALL ALTER AND ANY ARRAY AS ASC AUTHORIZATION BETWEEN BY CASE CAST CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS
CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DEFAULT DELETE DESC DISTINCT DROP ELSE
END EXCEPT EXISTS FALSE FETCH FOR FOREIGN FROM FULL GRANT GROUP GROUPS HAVING IN INDEX INNER INSERT INTERSECT
INTERVAL INTO IS JOIN KEY KEYS LEFT LIKE LIMIT LOCK MATCH MINUS NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER
PARTITION PRIMARY RANGE RANK READ REFERENCES RELEASE RETURNING RIGHT ROW ROWS SCHEMA SELECT SESSION_USER SET
SHOW SIZE SOME START SYSTEM TABLE THEN TO TRIGGER TRUE UNION UNIQUE UPDATE USAGE USER USING VALUES VIEW WHEN
WHERE WINDOW WITH LEVEL DATE NUMBER MODE FILE COMMENT SESSION OPTION PLAN PERCENT RULE SAVE TOP TRAN UNPIVOT
PIVOT IDENTITY EXEC FUNCTION PROCEDURE
"""


@cache
def statement_words(dialect: str) -> tuple[str, ...]:
    """What a statement may begin with, in capitals."""
    return tuple(f"{_STARTS} {_STARTS_OF.get(dialect, '')}".split())


@cache
def keywords(dialect: str) -> tuple[str, ...]:
    """What may stand within a statement, in capitals; some are several words."""
    return tuple(word.replace("_", " ") for word in f"{_WITHIN} {_WITHIN_OF.get(dialect, '')}".split())


@cache
def functions(dialect: str) -> Mapping[str, str]:
    """Arguments by the name of the function; `""` for one that takes brackets only, None of them for a bare word."""
    found = {}
    for each in f"{_FUNCTIONS} {_FUNCTIONS_OF.get(dialect, '')}".split():
        name, bracket, arguments = each.partition("(")
        words = arguments.removesuffix(")").replace("_", " ").replace(",", ", ")
        found[name] = f"({words})" if bracket else ""
    return found


def needs_no_quotes(name: str, dialect: str) -> bool:
    """Whether a bare `name` is read as it is: plain signs, no keyword, and in the case that the dialect folds to."""
    if not name.isascii() or not name.isidentifier() or name.upper() in _reserved():
        return False
    if dialect in ("postgres", "redshift"):
        return name == name.lower()
    return dialect != "oracle" or (name == name.upper() and not name.startswith("_"))


@cache
def _reserved() -> frozenset[str]:
    return frozenset(_RESERVED.split())
