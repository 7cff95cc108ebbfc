CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT NOT NULL, w INT AS (v * 2) STORED
);
INSERT INTO `items` (id, v) VALUES (1, 5), (2, 6);
