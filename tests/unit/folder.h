/* folder.h - cmocka's group fixtures: an empty working folder, and gone again.
 * SIGPIPE is ignored, as in the programs. */
#ifndef UNIT_FOLDER_H
#define UNIT_FOLDER_H

int enter_folder(void **unused);
int leave_folder(void **unused);

#endif
