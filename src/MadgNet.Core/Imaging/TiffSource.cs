using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>A TIFF of ours that is open, with what LibTiff had to say about it.</summary>
internal abstract class TiffSource : TiffStream
{
    private string? _message;

    public bool Failed => _message is not null;

    public string Message => _message ?? "no reason given";

    public void Report(string message) => _message ??= message;

    /// <summary>Forgets what was reported, before something else is read.</summary>
    public void Forget() => _message = null;
}
