namespace MadgNet.Core.Foundation;

/// <summary>What a path leads to, links followed.</summary>
internal enum FileKind
{
    /// <summary>Something that the system did not name.</summary>
    Unknown,

    /// <summary>A file with a content and an end.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A named pipe: reading waits for a writer.</summary>
    Pipe,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A device: reading may never end.</summary>
    Device,
}
