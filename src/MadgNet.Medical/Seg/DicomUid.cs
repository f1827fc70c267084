using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace MadgNet.Medical.Seg;

/// <summary>New identifiers of objects.</summary>
internal static class DicomUid
{
    private const int LongestRoot = 24;

    /// <summary>A new identifier: 2.25 and a random UUID as a number (PS3.5, B.2), or a root and a random number.</summary>
    public static string New(string? root)
    {
        if (root is null)
        {
            // The bits of a UUID that say it is a random one.
            byte[] bytes = RandomNumberGenerator.GetBytes(16);
            bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
            return $"2.25.{new BigInteger(bytes, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture)}";
        }

        var number = new BigInteger(RandomNumberGenerator.GetBytes(16), isUnsigned: true);
        return $"{root}.{number.ToString(CultureInfo.InvariantCulture)}";
    }

    public static bool IsRoot(string root) => root.Length is > 0 and <= LongestRoot
        && root.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'));
}
