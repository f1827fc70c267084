namespace MadgNet.Onnx;

/// <summary>Refuses an ONNX file that reaches beyond itself, before a session is made of it.</summary>
internal static class OnnxReach
{
    /// <summary>Checks a file, or bytes that have no folder.</summary>
    /// <param name="name">What a message calls it.</param>
    /// <param name="stream">Its content, at the beginning.</param>
    /// <param name="folder">The folder that it lies in; null where it has none.</param>
    /// <param name="allowed">Whether files below the folder may be read, and sparse tensors.</param>
    /// <exception cref="OnnxModelException">It is no ONNX file, or it reaches too far.</exception>
    public static void Check(string name, Stream stream, string? folder, bool allowed)
    {
        OnnxScan scan;
        try
        {
            scan = OnnxScan.Of(stream);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException(
                new Problem(
                    name,
                    $"a file that cannot be read ({exception.Message.TrimEnd('.')})",
                    "an intact ONNX file",
                    "Check the path, or export the network again"),
                exception);
        }

        if (!allowed && scan.ExternalFiles.Count > 0)
        {
            throw Fault(
                name,
                $"tensors in other files ({string.Join(", ", scan.ExternalFiles.Select(file => $"'{file}'"))})",
                "a file that holds all of its weights: it could name any file of this machine",
                $"Save the model with its weights inside, or set {nameof(OnnxRuntimeOptions)}."
                    + $"{nameof(OnnxRuntimeOptions.AllowExternalData)} where you trust the file");
        }

        if (!allowed && scan.HasSparse)
        {
            throw Fault(
                name,
                "sparse tensors",
                "dense ones",
                $"Save the model with dense weights, or set {nameof(OnnxRuntimeOptions)}."
                    + $"{nameof(OnnxRuntimeOptions.AllowExternalData)} where you trust the file");
        }

        foreach (string file in scan.ExternalFiles)
        {
            if (folder is null
                || file.Length == 0
                || file.Contains('\0', StringComparison.Ordinal)
                || Path.IsPathRooted(file)
                || !OutputPlan.IsWithin(Path.Combine(folder, file), folder)
                || file.Split('/', '\\').Contains(".."))
            {
                throw Fault(
                    name,
                    $"tensors in '{file}'",
                    folder is null ? "weights inside, as a model in memory has no folder" : "files in the model's folder or below it",
                    folder is null ? "Load the model by its path" : "Move the file there, and save the model with its relative path");
            }

            try
            {
                RegularFile.OpenRead(Path.Combine(folder, file)).Dispose();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new OnnxModelException(
                    new Problem(
                        name,
                        $"tensors in '{file}', which cannot be read ({exception.Message.TrimEnd('.')})",
                        "a readable file",
                        "Put the file beside the model"),
                    exception);
            }
        }
    }

    private static OnnxModelException Fault(string name, string received, string expected, string remedy) =>
        new(new Problem(name, received, expected, remedy));
}
