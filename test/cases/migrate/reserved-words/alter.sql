MODIFY COLUMN `from` BIGINT, ADD INDEX `group` (`order`)
