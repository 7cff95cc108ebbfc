DROP INDEX by_a, ADD INDEX by_c (c DESC, a), ADD INDEX by_b_whole (b)
