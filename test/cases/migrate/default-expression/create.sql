CREATE TABLE `items` (
  id INT PRIMARY KEY, v VARCHAR(50) DEFAULT (CONCAT('a', 'b')), n INT
);
INSERT INTO `items` (id) VALUES (1), (2);
