using System.Runtime.InteropServices;

namespace MadgNet.Core.Tests.Support;

/// <summary>Work as a user whom permissions bind, also where the tests run as root.</summary>
internal static class OtherUser
{
    private const uint Nobody = 65534;

    /// <summary>Does the work with the rights of nobody where this user may do everything, and as this user otherwise.</summary>
    public static T Run<T>(Func<T> work)
    {
        if (Environment.UserName != "root")
        {
            return work();
        }

        Assert.SkipUnless(OperatingSystem.IsLinux(), "root may do everything, and only Linux lets one thread be another user");
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            // Of this thread alone, which ends with it (setfsuid(2)); the rights of root over files go with the number.
            _ = setfsuid(Nobody);
            failure = Record.Exception(() => result = work());
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException("The work failed.", failure);
    }

    [DllImport("libc")]
    private static extern int setfsuid(uint user);
}
