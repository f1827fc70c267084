using System.Globalization;

namespace MadgNet.Core.Foundation;

/// <summary>Keeps what is at a path under a name that nothing has and that nothing takes later.</summary>
public static class KeptFile
{
    /// <summary>
    /// Renames a file or folder to the next free name: <c>MODEL.md</c> to <c>MODEL.earlier-1.md</c>, <c>masks</c> to
    /// <c>masks.earlier-1</c>.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <returns>Its new path; null where there was nothing.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be renamed.</exception>
    public static string? SetAside(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        bool folder = Directory.Exists(full);
        if (!folder && !File.Exists(full))
        {
            return null;
        }

        while (true)
        {
            string free = FreeName(full, folder ? string.Empty : Path.GetExtension(full));
            try
            {
                if (folder)
                {
                    Directory.Move(full, free);
                }
                else
                {
                    File.Move(full, free, overwrite: false);
                }

                return free;
            }
            catch (IOException) when (Path.Exists(free) && Path.Exists(full))
            {
                // Another process took the name in between: the next one.
            }
        }
    }

    /// <summary>The first name of this kind that nothing has.</summary>
    /// <param name="full">The full path.</param>
    /// <param name="extension">The part of the name that stays at its end.</param>
    internal static string FreeName(string full, string extension)
    {
        string stem = full[..^extension.Length];
        for (int number = 1; ; number++)
        {
            string free = string.Create(CultureInfo.InvariantCulture, $"{stem}.earlier-{number}{extension}");
            if (!Path.Exists(free))
            {
                return free;
            }
        }
    }
}
