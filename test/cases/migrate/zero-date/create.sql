SET sql_mode = '';
CREATE TABLE `items` (
  id INT PRIMARY KEY, v DATE NOT NULL, n INT
);
INSERT INTO `items` (id, v) VALUES (1, '0000-00-00'), (2, '2026-00-00');
