CREATE TABLE `items` (
  id INT PRIMARY KEY, v INT, CONSTRAINT positive CHECK (v > 0)
);
INSERT INTO `items` (id, v) VALUES (1, 5), (2, 6);
