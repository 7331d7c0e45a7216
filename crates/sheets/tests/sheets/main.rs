//! Files that we write are read by another reader; files that others write are read, or refused.

mod files;
mod lists;
mod loads;
mod measure;
mod openpyxl;
mod packages;
mod table_file;
