CREATE TABLE `items` (
  id INT PRIMARY KEY, v TIME NOT NULL
);
INSERT INTO `items` (id, v) VALUES (1, '-838:59:59'), (2, '00:00:01');
