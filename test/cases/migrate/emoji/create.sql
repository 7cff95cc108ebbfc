CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50) CHARACTER SET utf8mb4, n INT
);
INSERT INTO `items` (id, v) VALUES (1, '😀 ok'), (2, '日本');
