"""What two versions of a template differ in, and past tickets through a new one."""
