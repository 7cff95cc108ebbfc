CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50) COLLATE utf8mb4_general_ci
);
INSERT INTO `items` (id, v) VALUES (1, 'Google'), (2, 'google');
