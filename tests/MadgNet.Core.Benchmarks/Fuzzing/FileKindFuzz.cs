using System.Runtime.InteropServices;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>
/// What is no regular file under a name that the library reads: pipes, devices, folders, links that lead nowhere or round.
/// </summary>
internal static partial class FileKindFuzz
{
    private static readonly string[] Extensions = [".png", ".tif", ".npy", ".csv", ".json", ".safetensors", ".pth"];

    /// <summary>The target: the first bytes of an input choose kind, name and reader.</summary>
    public static FuzzTarget Create() => new(
        "file kind",
        [.. Enumerable.Range(0, 7).Select(kind => (".kind", new byte[] { (byte)kind, (byte)(kind * 3), 0, 9 }))],
        Text: false,
        (path, bytes) =>
        {
            string folder = path + "-tree";
            Directory.CreateDirectory(folder);
            try
            {
                Read(folder, [.. bytes, 0, 0, 0]);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });

    private static void Read(string folder, byte[] choice)
    {
        string path = Path.Combine(folder, "x" + Extensions[choice[1] % Extensions.Length]);
        Make(path, choice[0] % 7);
        switch (choice[2] % 7)
        {
            case 0:
                _ = new ImageReader().Read(path);
                break;
            case 1:
                _ = NpyFile.Read(path);
                break;
            case 2:
                WeightArchive.Open(path).Dispose();
                break;
            case 3:
                _ = DatasetSplit.Load(path);
                break;
            case 4:
                _ = RunManifest.Load(path);
                break;
            case 5:
                TiffImageSource.Open(path).Dispose();
                break;
            default:
                _ = new FolderDataset(folder).Load(0);
                break;
        }
    }

    private static void Make(string path, int kind)
    {
        switch (kind)
        {
            case 0 when !OperatingSystem.IsWindows():
                _ = MakePipe(path, 0x1B6);
                break;
            case 1 when !OperatingSystem.IsWindows():
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case 2:
                Directory.CreateDirectory(path);
                break;
            case 3:
                File.CreateSymbolicLink(path, "nowhere");
                break;
            case 4:
                File.CreateSymbolicLink(path, Path.GetFileName(path));
                break;
            case 5:
                Directory.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(path)!, "round"), ".");
                break;
            default:
                File.WriteAllBytes(path, []);
                break;
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
