using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MadgNet.Core.Foundation;

/// <summary>
/// What the file system knows of a path, links followed: its kind, and the number that two names of one file share. .NET tells
/// neither.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">The file system that it is on.</param>
/// <param name="Number">Its number there; hard links have the same.</param>
internal readonly partial record struct FileStatus(FileKind Kind, ulong Device, ulong Number)
{
    private const int BufferSize = 256;

    /// <summary>Looks at a path.</summary>
    /// <param name="path">Any path.</param>
    /// <returns>Null where there is nothing, or where the system does not tell.</returns>
    public static FileStatus? Of(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() ? OfLinux(path)
                : OperatingSystem.IsMacOS() ? OfMacOs(path)
                : OperatingSystem.IsWindows() ? OfWindows(path) : null;
        }
        catch (EntryPointNotFoundException)
        {
            // An older C library: paths are compared by their names alone.
            return null;
        }
    }

    private static FileStatus? OfLinux(string path)
    {
        const int CurrentFolder = -100;
        const uint BasicStatistics = 0x7ff;
        Span<byte> buffer = stackalloc byte[BufferSize];
        return StatusLinux(CurrentFolder, path, 0, BasicStatistics, buffer) != 0
            ? null
            : new FileStatus(
                KindOf(BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..])),
                BinaryPrimitives.ReadUInt64LittleEndian(buffer[136..]),
                BinaryPrimitives.ReadUInt64LittleEndian(buffer[32..]));
    }

    private static FileStatus? OfMacOs(string path)
    {
        Span<byte> buffer = stackalloc byte[BufferSize];
        int answer = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? StatusMacOs(path, buffer)
            : StatusMacOsX64(path, buffer);
        return answer != 0
            ? null
            : new FileStatus(
                KindOf(BinaryPrimitives.ReadUInt16LittleEndian(buffer[4..])),
                BinaryPrimitives.ReadUInt32LittleEndian(buffer),
                BinaryPrimitives.ReadUInt64LittleEndian(buffer[8..]));
    }

    private static FileStatus? OfWindows(string path)
    {
        const FileOptions FoldersToo = (FileOptions)0x02000000;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FoldersToo);
            Span<byte> buffer = stackalloc byte[BufferSize];
            return StatusWindows(handle, buffer) == 0
                ? null
                : new FileStatus(
                    (BinaryPrimitives.ReadUInt32LittleEndian(buffer) & (uint)FileAttributes.Directory) != 0
                        ? FileKind.Folder
                        : FileKind.Regular,
                    BinaryPrimitives.ReadUInt32LittleEndian(buffer[28..]),
                    ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(buffer[44..]) << 32)
                        | BinaryPrimitives.ReadUInt32LittleEndian(buffer[48..]));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return Directory.Exists(path) ? new FileStatus(FileKind.Folder, 0, 0) : null;
        }
    }

    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        0x1000 => FileKind.Pipe,
        0xC000 => FileKind.Socket,
        0x2000 or 0x6000 => FileKind.Device,
        _ => FileKind.Unknown,
    };

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusLinux(int folder, string path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusMacOs(string path, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatusMacOsX64(string path, Span<byte> buffer);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    private static partial int StatusWindows(SafeFileHandle handle, Span<byte> buffer);
}
