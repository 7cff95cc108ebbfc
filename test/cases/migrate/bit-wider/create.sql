CREATE TABLE `items` (
  id INT PRIMARY KEY, v BIT(8) NOT NULL
);
INSERT INTO `items` (id, v) VALUES (1, b'10101010'), (2, b'0');
