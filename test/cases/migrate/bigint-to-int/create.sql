CREATE TABLE `items` (
  id INT PRIMARY KEY, v BIGINT NOT NULL
);
INSERT INTO `items` (id, v) VALUES (1, 1), (2, -5), (3, 100), (4, 0);
