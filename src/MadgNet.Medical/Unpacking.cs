namespace MadgNet.Medical;

/// <summary>Unpacks streams whose length nobody states, up to a limit.</summary>
internal static class Unpacking
{
    /// <summary>Everything that a stream of unpacked bytes gives; it is held in pieces, then once more in one, and both count.</summary>
    /// <exception cref="MedicalFileException">The stream is damaged, or gives more bytes than allowed.</exception>
    public static byte[] ReadAll(Stream stream, string name, long most, string option)
    {
        // Pieces, not one growing array: nothing is copied more than once, and no more than the limit is held.
        most /= 2;
        var pieces = new List<byte[]>();
        long total = 0;
        int next = 1 << 16;
        try
        {
            while (true)
            {
                var piece = new byte[(int)Math.Min(next, Math.Min(most - total + 1, Array.MaxLength))];
                int read = stream.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false);
                total += read;
                if (total > most || total > Array.MaxLength)
                {
                    throw new MedicalFileException(
                        MedicalFileFault.TooLarge,
                        name,
                        $"content that unpacks to more than {Math.Min(most, Array.MaxLength)} bytes",
                        $"at most {Math.Min(most, Array.MaxLength)}",
                        $"Raise {option} if the file can be trusted");
                }

                pieces.Add(read == piece.Length ? piece : piece[..read]);
                if (read < piece.Length)
                {
                    break;
                }

                next = Math.Min(next * 2, 1 << 24);
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw MedicalFileException.Damaged(name, "packed content that cannot be unpacked", error);
        }

        var result = new byte[total];
        int at = 0;
        foreach (byte[] piece in pieces)
        {
            piece.CopyTo(result, at);
            at += piece.Length;
        }

        return result;
    }
}
