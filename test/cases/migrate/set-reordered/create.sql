CREATE TABLE `items` (
  id INT PRIMARY KEY, v SET('a','b') NOT NULL
);
INSERT INTO `items` (id, v) VALUES (1, 'a,b'), (2, ''), (3, 'b');
