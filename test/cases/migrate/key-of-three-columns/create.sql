CREATE TABLE `items` (
  a INT NOT NULL, b VARCHAR(20) NOT NULL, c VARBINARY(8) NOT NULL, v INT, PRIMARY KEY (a, b, c)
);
INSERT INTO `items` VALUES (1, 'x', X'00', 1), (1, 'x', X'01', 2), (1, 'y''s', X'', 3), (2, '', X'FF', 4);
