CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50) CHARACTER SET utf8mb4
);
INSERT INTO `items` (id, v) VALUES (1, 'éü'), (2, 'plain');
