using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// LibTiff prints to the console and has one handler per process: this one takes the messages of our own files and hands all
/// others to the handler that was there before.
/// </summary>
internal sealed class TiffMessages : TiffErrorHandler
{
    private readonly TiffErrorHandler? _previous;

    static TiffMessages()
    {
        TiffErrorHandler? previous = Tiff.SetErrorHandler(null);
        Tiff.SetErrorHandler(new TiffMessages(previous));
    }

    private TiffMessages(TiffErrorHandler? previous) => _previous = previous;

    /// <summary>Makes sure, once, that messages come here.</summary>
    public static void Install() => System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(TiffMessages).TypeHandle);

    public override void ErrorHandler(Tiff tif, string method, string format, params object[] args)
    {
        if (tif?.Clientdata() is TiffSource source)
        {
            source.Report(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));
        }
        else
        {
            _previous?.ErrorHandler(tif, method, format, args);
        }
    }

    public override void ErrorHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (clientData is not TiffSource && tif?.Clientdata() is not TiffSource)
        {
            _previous?.ErrorHandlerExt(tif, clientData, method, format, args);
        }
    }

    public override void WarningHandler(Tiff tif, string method, string format, params object[] args)
    {
        if (tif?.Clientdata() is not TiffSource)
        {
            _previous?.WarningHandler(tif, method, format, args);
        }
    }

    public override void WarningHandlerExt(Tiff tif, object clientData, string method, string format, params object[] args)
    {
        if (clientData is not TiffSource && tif?.Clientdata() is not TiffSource)
        {
            _previous?.WarningHandlerExt(tif, clientData, method, format, args);
        }
    }
}
